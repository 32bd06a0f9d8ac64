"""What training did: from invited to regular, beside like accounts not trained."""
