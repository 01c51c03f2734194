"""Packages: zip files read and written with care, their record and their manifest."""
