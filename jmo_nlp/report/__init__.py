"""Reports: tables, figures and pages about a study. Pure: from records to rows, pictures and HTML."""
