"""The ten steps of the guide as things that can be done to a target."""
