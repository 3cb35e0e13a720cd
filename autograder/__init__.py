"""The instructor's kit: exercise specifications, the build, the judge. Students never get it."""
