"""What merchants' businesses are known by: taking records in, keeping them, giving them back, erasing them."""
