"""Office before 2007 and WPS: OLE2 documents, binary workbooks, RTF."""
