"""What adsync remembers: Google's numbers as of each night, plans, approvals, the change log. Small and precious."""
