"""The HTTP service: endpoints, schemas, the predictor and pages."""
