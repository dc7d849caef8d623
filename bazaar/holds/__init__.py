"""Legal holds: while one lasts, nobody erases the person, and no job touches rows of theirs."""
