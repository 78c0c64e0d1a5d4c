"""What makes the model: our labelled sentences and letters, and the recipe. Nothing at work imports it."""
