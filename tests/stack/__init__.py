"""Tests of the whole stack as docker-compose.yml ships it: images, containers, a line that is killed at."""
