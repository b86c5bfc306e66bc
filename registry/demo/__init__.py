"""A fictional council to look around in, read from its own directory by the same code as a real one."""
