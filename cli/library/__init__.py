"""The group of commands `innerear library`: build, find, show, export and look after libraries."""
