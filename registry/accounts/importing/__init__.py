"""The parts that accounts/spreadsheet.py is made of: tables, rows, and what is known already."""
