"""The jobs of the site, one module each. A new job is a file here and a command of its name."""
