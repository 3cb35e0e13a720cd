"""The instructor's kit: exercise specifications, the build and the judge. Never ships to students."""
