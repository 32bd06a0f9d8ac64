"""Who was there, by the list that a webinar tool writes: Zoom, Teams, Meet, others.

    file ── sections (where in it the list is) ── reading ── matching ── marking

An ordinary import of `accounts.customers.jobs`: matched columns are remembered, a dry
run shows who would be taken for whom, progress, cancel and undo are everybody's.
"""
