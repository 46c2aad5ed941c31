"""What risks of customers and of devices share: evaluation, gate, report."""
