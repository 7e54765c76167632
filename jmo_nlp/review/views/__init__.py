"""The views of the review page, a module each; `jmo_nlp.review` says how to add one."""
