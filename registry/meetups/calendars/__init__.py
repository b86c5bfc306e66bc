"""Calendar files of meetups."""
