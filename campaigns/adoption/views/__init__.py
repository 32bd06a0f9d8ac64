"""The doors to the reports: pages and files for staff who may read figures."""
