"""What a statement means for a target as it is: how long it takes, who waits meanwhile, what stands in its way.

Pure arithmetic over forecasts and the statistics of a target; nothing here asks a server or a clock.
"""
