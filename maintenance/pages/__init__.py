"""The operator's pages in the Django admin: what the jobs do, did and will do, and what may be asked of them."""
