"""What starts containers: a Protocol, its Docker implementation, and a scripted fake."""
