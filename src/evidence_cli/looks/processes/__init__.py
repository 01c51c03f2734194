"""Looking in processes of their own."""
