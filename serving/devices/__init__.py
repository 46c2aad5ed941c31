"""Devices at risk: alerts, single devices, forecasts of a window sent along, and expected parts."""
