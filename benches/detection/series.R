#!/usr/bin/env Rscript
# Weekly counts with known outbreaks, after Noufaily et al. 2013: series.R OUT.csv [REPLICATES [SEED]]
args <- commandArgs(trailingOnly = TRUE)
out <- args[1]
replicates <- if (length(args) > 1) as.integer(args[2]) else 10L
seed <- if (length(args) > 2) as.integer(args[3]) else 1L
stopifnot(!is.na(out), replicates >= 1, replicates <= 1000, seed >= 0, seed <= 2000)

bases <- data.frame(
    theta = c(0.1, -2, 1.5, 0.5, 2.5, 3.75, 5),
    beta = c(0.0025, 0.005, 0.003, 0.002, 0.001, 0.001, 0.0001),
    g1 = c(0.6, 0.1, 0.2, 0.5, 1, 0.1, 0.05),
    g2 = c(0.6, 0.3, -0.4, 0.5, 0.1, -0.1, 0.01),
    phi = c(1.5, 2, 1, 5, 3, 1.1, 1.2)
)
sizes <- c(2, 3, 5, 10)
weeks <- 1:624
past <- 313:575
current <- 576:624

means <- function(base, m, trend) {
    season <- 0
    for (j in seq_len(m)) season <- season + base$g1 * cos(2 * pi * j * weeks / 52) + base$g2 * sin(2 * pi * j * weeks / 52)
    exp(base$theta + base$beta * trend * weeks + season)
}

# The cases of an outbreak by week: as many as a Poisson with mean k standard deviations of its first week's count says,
# but two at least, each a lognormal time after the start. What would come after the last week of the span is not counted.
outbreak <- function(start, k, sd, span) {
    size <- 0
    while (size < 2) size <- rpois(1, k * sd[start])
    at <- start + floor(rlnorm(size, 0, 0.5))
    at <- at[at <= max(span)]
    list(cases = tabulate(at, length(weeks)), weeks = start:max(start, at))
}

scenarios <- expand.grid(m = 0:2, trend = 0:1, base = 1:7)
sink <- file(out, "w")
writeLines("scenario,base,m,trend,k,replicate,week,count,outbreak", sink)
for (scenario in seq_len(nrow(scenarios))) {
    s <- scenarios[scenario, ]
    base <- bases[s$base, ]
    mu <- means(base, s$m, s$trend)
    sd <- sqrt(base$phi * mu)
    for (i in seq_along(sizes)) for (replicate in seq_len(replicates)) {
        # A seed for each series: it stays the same however many others are asked for.
        set.seed(seed * 1000000L + ((scenario - 1L) * length(sizes) + i - 1L) * 1000L + replicate)
        count <- if (base$phi == 1) rpois(624, mu) else rnbinom(624, size = mu / (base$phi - 1), mu = mu)
        truth <- rep(0L, 624)
        # What a detector learns from holds outbreaks of all sizes.
        for (start in sample(past, 4)) {
            one <- outbreak(start, sample(sizes, 1), sd, past)
            count <- count + one$cases
            truth[one$weeks] <- 1L
        }
        one <- outbreak(sample(current, 1), sizes[i], sd, current)
        count <- count + one$cases
        truth[one$weeks] <- 1L
        writeLines(paste(scenario, s$base, s$m, s$trend, sizes[i], replicate, weeks, count, truth, sep = ","), sink)
    }
}
close(sink)
