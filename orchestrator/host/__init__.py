"""This machine: its clock, disks, memory and cgroup files, each read in one place; and how to wait for what is away."""
