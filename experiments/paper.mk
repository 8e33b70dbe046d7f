# The tables on the page of all results (`make paper`), in this order; then all figures.
PAGE := table1 table3 table4 table5 table6 guarantee baselines claims
