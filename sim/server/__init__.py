"""The workshop: a visual server that a facilitator shows and a room can join."""
