"""The data sets of the course, a module each, as lectures load them: `embedlab.data.ratings`."""
