"""What does each detector find, at the same rate of false alarms, on made-up panels?"""
