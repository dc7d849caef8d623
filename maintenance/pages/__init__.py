"""The operator's pages in the Django admin: status, history and schedule of the jobs, and actions on them."""
