"""This machine: its clock, disks, memory and cgroup files, each read in one place."""
