/*
 * The further journal tables of durable delivery: how the task creates one, lets triggers write to it, switches back and
 * drops it, without missing a row, without failing a writer and without a loss that is not announced.
 *
 * And how it empties a table: it checks the rows without a lock, and under the lock only those which that check may have
 * missed.
 *
 * Two writers, the task, and the guard, which may suspend the journal at any moment, in every order in which their steps
 * can happen. check.sh runs it; README.md says what it shows and what it leaves out.
 *
 * A set of transactions is a bit mask. Table 0 stands for the ring's three, table 1 for all further ones. An atomic
 * action of PostgreSQL is one step here; other actions are several.
 *
 * Compile-time choices:
 *   TX=n          transactions per writer (2)
 *   CHECKS        the task checks the rows of table 0 without a lock before it empties it
 *   BREAK_...     leaves out one rule of the protocol; the checker must object
 */

#ifndef TX
#define TX 2
#endif

/* The database. */
byte ring;                 /* 0: the table that triggers write to; 3: a further one, or none */
byte spare;                /* 1: the further one; 0: with ring = 3 the journal is suspended. It keeps its value otherwise */
bool exists;               /* the further table is there */
byte rows[2];              /* per table: transactions that have written to it since it was last emptied */
#ifdef CHECKS
byte drawn;                /* transactions that have drawn an id, ended or not */
#define note_drawn(it)   drawn = drawn | it
#else
#define note_drawn(it)   skip
#endif
byte running;              /* transactions that have drawn an id and not ended; they hold the tables they wrote to */
byte committed;            /* transactions whose rows are visible */
bool lost;                 /* a loss has been recorded, and will be announced to consumers */

/* The task. */
bool asks;                 /* its look asks the further table, too */
byte cut;                  /* transactions that its last look has seen: what it did not find of them, it never will */
byte emitted[2];           /* per table: transactions of which it has found the rows */
byte must_end;             /* transactions that may yet write to the further table, now that it is left */
bool left;                 /* that is known */
#ifdef CHECKS
byte before;               /* transactions that had drawn an id at some moment */
bool noted;                /* that is known */
bool checked;              /* since then, all of those have ended, and no unread row was to be seen without a lock */
#endif

/* What happened, for the properties alone. */
byte wrote[2];             /* per table: transactions that have written a row */
bool silent;               /* a change was not written, and no loss had been noted */
bool aimed;                /* a trigger found that its table had been dropped, and not because of the guard; it notes a loss */

/* 1. No row is missed: what a look has seen, it has emitted. */
#define missed    ((cut & ((wrote[0] & ~emitted[0]) | (wrote[1] & ~emitted[1]))) != 0)
ltl never_misses  { [] !missed }
ltl never_silent  { [] !silent }
ltl never_aims    { [] !aimed }
ltl safe          { [] (!missed && !silent && !aimed) }

#define me (1 << (w * TX + nth))

inline draw_id() { d_step { running = running | me; note_drawn(me); printf("writer %d: draws transaction id %d\n", w, me) } }

inline write(table) {
	d_step {
		rows[table] = rows[table] | me; wrote[table] = wrote[table] | me;
		printf("writer %d: writes %d to table %d\n", w, me, table)
	}
}

proctype Writer(byte w) {
	byte nth;
	byte state;
	byte further;

	do
	:: nth == TX -> break
	:: nth < TX ->
#ifndef BREAK_ID_LATE
		draw_id();
#endif
statement:
		skip;
		d_step { state = ring; printf("writer %d: reads ring %d\n", w, state) };
		if
		:: state == 0 ->
#ifdef BREAK_ID_LATE
			draw_id();
#endif
			write(0)
		:: else ->
			d_step { further = spare; printf("writer %d: reads spare %d\n", w, further) };
#ifdef BREAK_ID_LATE
			draw_id();
#endif
			if
			:: further == 1 ->
				atomic {
					if
					:: exists -> write(1)
					:: else -> aimed = !lost; lost = true
					fi
				}
			:: else ->
				d_step {
					if
					:: !lost -> silent = true
					:: else
					fi;
					printf("writer %d: finds the journal suspended\n", w)
				}
			fi
		fi;
		if
#ifndef BREAK_ID_LATE
		:: goto statement              /* another statement of the same transaction */
#endif
		:: d_step { running = running & ~me; committed = committed | me; printf("writer %d: commits %d\n", w, me) }
		:: d_step {
			running = running & ~me;
			rows[0] = rows[0] & ~me; rows[1] = rows[1] & ~me;
			wrote[0] = wrote[0] & ~me; wrote[1] = wrote[1] & ~me;
			printf("writer %d: rolls back %d\n", w, me)
		   }
		:: goto stay_open
		fi;
		atomic { nth++; state = 0; further = 0 }
	od;
stay_open:
	skip
}

inline look() {
	d_step {
		cut = committed;
		emitted[0] = emitted[0] | (committed & rows[0]);
		emitted[1] = emitted[1] | (asks -> committed & rows[1] : 0);
		printf("task: looks, has emitted %d\n", emitted[0] | emitted[1])
	}
}

#define in_use (ring == 3 && spare == 1)

/* A table that nobody holds and of which all is read. */
#define may_empty(table) ((rows[table] & running) == 0 && (rows[table] & ~emitted[table]) == 0)

#ifdef CHECKS
/* Those who have drawn their id before the note may write rows whose places in the log are before it. */
inline note() {
	d_step {
		noted = true; checked = false; before = drawn;
		printf("task: notes for table 0 that %d have drawn\n", drawn)
	}
}

#ifdef BREAK_CHECK_EARLY
#define settled noted
#else
#define settled (noted && (before & running) == 0)
#endif

/* Without a lock: a row that is not committed is not seen. */
inline check() {
	d_step {
		checked = (rows[0] & committed & ~emitted[0]) == 0;
		printf("task: checks table 0: %d\n", checked)
	}
}

#ifdef BREAK_NO_CHECK
#define late    0
#else
#define late    (rows[0] & ~before & ~emitted[0])
#endif

/* Under the lock, which nobody gets while a transaction is open that has written to the table. */
inline clear() {
	d_step {
		if
		:: (rows[0] & running) == 0 && late == 0 ->
			rows[0] = 0; printf("task: empties table 0\n")
		:: else
		fi;
		checked = false
	}
}
#endif

proctype Task() {
	do
	:: look()
	:: ring == 0 && !exists ->
		d_step {
			exists = true; left = false; must_end = 0;
#ifndef BREAK_ASK_LATE
			asks = true;
#endif
			printf("task: makes the further table\n")
		}
	:: ring == 0 && exists && rows[1] == 0 ->
		/* Turns to it. From now on it is not left. */
		d_step { left = false; must_end = 0 };
#ifdef BREAK_RING_FIRST
		d_step { ring = (ring == 0 -> 3 : ring); printf("task: ring 3\n") };
		d_step { spare = 1; printf("task: spare 1\n") };
#else
		d_step { spare = (ring == 0 -> 1 : spare); printf("task: spare 1\n") };
		d_step { ring = (ring == 0 -> 3 : ring); printf("task: ring 3\n") };
#endif
#ifdef BREAK_ASK_LATE
		look();
		asks = true
#endif
	:: ring == 3 && spare == 1 && rows[0] == 0 ->
		/* Turns back. */
		d_step { ring = (ring == 3 && spare == 1 -> 0 : ring); printf("task: ring 0\n") }
#ifdef BREAK_RESET_SPARE
		;
		d_step { spare = 0; printf("task: spare 0\n") }
#endif
	:: ring == 3 && spare == 0 && lost ->
		/* Suspended, and announced: goes on. */
		d_step { ring = 0; printf("task: goes on, ring 0\n") }
#ifdef CHECKS
	:: ring != 0 && rows[0] != 0 -> note()
	:: rows[0] != 0 && settled && !checked -> check()
	:: ring != 0 && checked -> clear()
#else
	/* All rows are checked under the lock. */
	:: d_step { ring != 0 && rows[0] != 0 && may_empty(0) -> rows[0] = 0; printf("task: empties table 0\n") }
#endif
	:: d_step { !in_use && exists && rows[1] != 0 && may_empty(1) -> rows[1] = 0; printf("task: empties table 1\n") }
	:: !in_use && exists && !left ->
		d_step {
			left = true;
#ifndef BREAK_DROP_AT_ONCE
			must_end = running;
#endif
			printf("task: has left table 1, in progress %d\n", must_end)
		}
	:: d_step {
		left && !in_use && exists && (must_end & running) == 0 && rows[1] == 0 ->
		exists = false; asks = false; must_end = 0; left = false; printf("task: drops the further table\n")
	   }
	:: break                       /* it ends, and the next one does not come */
	od
}

/* Called by any writer, at most once here. */
proctype Guard() {
	if
	:: skip
	:: d_step { lost = true; printf("guard: notes a loss\n") };
	   d_step { spare = 0; printf("guard: spare 0\n") };
	   d_step { ring = 3; printf("guard: ring 3\n") }
	fi
}

init {
	atomic { run Writer(0); run Writer(1); run Task(); run Guard() }
}
