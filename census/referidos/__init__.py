"""The leader's pages: the table of referidos, searches, bulks, the summary and exports."""
