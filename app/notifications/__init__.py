"""What people are told of outside the diary: what happened, whom it concerns, what they want to hear, the words."""
