"""Doors for staff: marketing plans and sees everything, trainers their own sessions."""
