"""Services, views, tasks and single processes, with the test database."""
