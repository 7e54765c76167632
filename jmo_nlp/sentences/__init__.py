"""Where sentences end: by rules where signs stand (`rules`), else by small models (`clauses`, `context`)."""
