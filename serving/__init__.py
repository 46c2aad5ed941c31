"""The HTTP service: endpoints, schemas, the predictor, and the demo."""
