"""Archives (BagIt bags, RFC 8493) as they are found, wherever they come from."""
