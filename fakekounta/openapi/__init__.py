"""OpenAPI documents of the faked API and of the control surface, made of what the code itself goes by."""
