"""Multiverse Bazaar: the domain. Projects, ideas, collaborators, karma, and what is kept about people."""
