"""The product as people meet it: real processes, a real Chromium, the simulator."""
