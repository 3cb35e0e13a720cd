"""What people read after grading: feedback pages, spreadsheets, the class report.

`grading` asks for them; they are made of records and of what the gradebook holds.
"""
