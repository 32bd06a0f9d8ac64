from django.db import migrations

# Which changes of state there are: campaigns/training/states.py, held against this by
# a test. A row never goes away: what was waiting, booked or given up is history.
GUARD = """
CREATE FUNCTION training_seat_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Seats are never deleted.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION 'Seat % cannot go from % to %.', OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER training_seat_states BEFORE UPDATE OF state ON training_seat
    FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
          AND OLD.state || '>' || NEW.state NOT IN (
              'held>booked', 'held>expired', 'held>cancelled', 'held>attended',
              'waiting>offered', 'waiting>expired', 'waiting>cancelled',
              'waiting>attended',
              'offered>booked', 'offered>expired', 'offered>cancelled',
              'offered>attended',
              'booked>cancelled', 'booked>attended', 'booked>no_show',
              'attended>no_show', 'attended>booked', 'attended>cancelled',
              'no_show>attended', 'no_show>booked',
              'expired>attended', 'cancelled>attended'))
    EXECUTE FUNCTION training_seat_refuse();
CREATE TRIGGER training_seat_stays BEFORE DELETE ON training_seat
    FOR EACH ROW EXECUTE FUNCTION training_seat_refuse();
"""

UNGUARD = """
DROP TRIGGER training_seat_stays ON training_seat;
DROP TRIGGER training_seat_states ON training_seat;
DROP FUNCTION training_seat_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
