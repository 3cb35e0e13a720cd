"""What people read after grading: feedback pages, spreadsheets, the class report."""
