"""What a repo wants installed, from the files of the tools that people use."""
