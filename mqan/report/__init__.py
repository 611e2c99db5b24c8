"""Tables and figures from tidy scores. Knows files of scores only: no model, no task, no study."""
