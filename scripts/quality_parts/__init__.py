"""What bench_quality.py is made of."""
