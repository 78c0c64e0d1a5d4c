"""The addresses of the service, a file for each group. They say what goes in and out; the work is done elsewhere."""
