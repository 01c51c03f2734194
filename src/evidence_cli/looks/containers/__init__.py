"""Containers that several formats share: zip, OLE2, XML."""
