# Table 2: the configurations of the edge and the cloud accelerator, the paper's beside hwmodels/.  No images,
# no searches.
table2.about := the accelerators' configurations beside the paper's
table2.title := Table 2: the paper's accelerators, and those simulated here
table2.paper := experiments/published/table2.csv
